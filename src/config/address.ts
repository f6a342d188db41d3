/** Whether the text is an address a door can listen on: `host:port`, `[v6]:port`, `:port`, `unix:///path`, `unix://@abstract`. */
export function isAddress(text: string): boolean {
  if (text.startsWith("unix://")) return /^unix:\/\/(?:\/|@).+$/.test(text);
  const match = /^(?:\[[0-9A-Fa-f:.]+\]|[^\s:/[\]]*):(\d{1,5})$/.exec(text);
  return match !== null && Number(match[1]) <= 65_535;
}
