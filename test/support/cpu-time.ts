/** Returns how long the function kept this thread's processor, in milliseconds: it does not grow while others have it. */
export function cpuTimeMs(run: () => void): number {
  const before = process.threadCpuUsage();
  run();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}
