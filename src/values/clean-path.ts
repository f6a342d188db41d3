/**
 * Returns the shortest path that means the same, by its text alone (Go `filepath.Clean`): slashes collapse, `.` and `x/..`
 * go, `/..` is `/`. An empty path stays empty (Go `filepath.Join`).
 */
export function cleanPath(path: string): string {
  if (path === "") return "";
  const isRooted = path.startsWith("/");
  const kept: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (!isRooted) kept.push(part);
  }
  const clean = kept.join("/");
  if (isRooted) return `/${clean}`;
  return clean === "" ? "." : clean;
}
