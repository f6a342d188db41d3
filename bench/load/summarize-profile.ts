import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** The part of V8's CPU profiles that is read here. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
  }[];
  readonly samples: readonly number[];
  /** In microseconds, from the sample before. */
  readonly timeDeltas: readonly number[];
}

const SHOWN = 20;

/** Waiting, not work. */
const idle = ["(idle)", "(program)"];

/**
 * Resolves with lines that name, for each profile written into the folder since then, the functions that took most time themselves: their share
 * of the time in which the thread was at work.
 */
export async function summarizeProfiles(
  folder: string,
  sinceMs: number,
): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".cpuprofile"));
  const texts = await Promise.all(
    names.toSorted().map(async (name) => {
      if ((await stat(join(folder, name))).mtimeMs < sinceMs) return [];
      const profile: CpuProfile = JSON.parse(await readFile(join(folder, name), "utf8"));
      return [`${join(folder, name)}:`, ...summarizeProfile(profile)];
    }),
  );
  return texts.flat();
}

/** Returns the functions of one profile, the dearest first. */
export function summarizeProfile({ nodes, samples, timeDeltas }: CpuProfile): readonly string[] {
  const places = new Map(
    nodes.map(({ id, callFrame }) => {
      const name = callFrame.functionName === "" ? "(anonymous)" : callFrame.functionName;
      const file = callFrame.url.replace(/^.*\/(?=[^/]*\/[^/]*$)/, "");
      return [id, file === "" ? name : `${name} ${file}:${callFrame.lineNumber + 1}`];
    }),
  );
  const micros = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const place = places.get(id) ?? "(unknown)";
    if (!idle.includes(place)) {
      micros.set(place, (micros.get(place) ?? 0) + (timeDeltas[index] ?? 0));
    }
  }
  const total = [...micros.values()].reduce((sum, value) => sum + value, 0);
  return [...micros]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, SHOWN)
    .map(([place, value]) => `${((100 * value) / total).toFixed(1).padStart(6)} %  ${place}`);
}
