/**
 * Returns the address a door can listen on, without the scheme that the original plugin took in front of it (`grpc://`,
 * `tcp://`, `http://`): `host:port`, `[v6]:port`, `:port`, `unix:///path` or `unix://@abstract`. Undefined for anything else.
 */
export function readAddress(text: string): string | undefined {
  if (text.startsWith("unix://")) return /^unix:\/\/(?:\/|@).+$/.test(text) ? text : undefined;
  const plain = /^(?:grpc|tcp|http):\/\/(.*?)\/?$/i.exec(text)?.[1] ?? text;
  const port = /^(?:\[[0-9A-Fa-f:.]+\]|[^\s:/[\]]*):(\d{1,5})$/.exec(plain)?.[1];
  return port !== undefined && Number(port) <= 65_535 ? plain : undefined;
}
