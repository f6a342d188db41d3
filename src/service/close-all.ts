import type { Dispatcher } from "../pool/dispatcher.ts";
import type { Door } from "./create-doors.ts";

/** How long a probe or scrape that is under way at the very end may take. */
const adminGraceMs = 500;

/**
 * Closes the doors first, so that whatever is open can still be judged, then the workers, and the admin door last: by
 * then everything may have taken `graceMs`, all together.
 */
export async function closeAll(
  doors: readonly Pick<Door, "close">[],
  dispatcher: Pick<Dispatcher, "close">,
  graceMs: number,
  nowMs: () => number = () => performance.now(),
): Promise<void> {
  const endMs = nowMs() + graceMs;
  const leftMs = (): number => Math.max(0, endMs - nowMs());
  const [admin, ...others] = doors;
  await Promise.all(others.map(async (door) => await door.close(leftMs())));
  await dispatcher.close(leftMs());
  await admin?.close(adminGraceMs);
}
