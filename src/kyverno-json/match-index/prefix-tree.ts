/** Items under prefixes, found by a text that begins with them in a time that the number of prefixes hardly matters to. */
export class PrefixTree<Item> {
  #root: Branch<Item> = { label: "", item: undefined, branches: new Map() };

  /** Puts the item under the prefix, in the place of an earlier one. */
  set(prefix: string, item: Item): void {
    let branch = this.#root;
    let at = 0;
    while (at < prefix.length) {
      const code = prefix.charCodeAt(at);
      const next = branch.branches.get(code);
      if (next === undefined) {
        branch.branches.set(code, { label: prefix.slice(at), item, branches: new Map() });
        return;
      }
      const shared = sharedLength(next.label, prefix, at);
      branch = shared === next.label.length ? next : splitBranch(branch, next, shared);
      at += shared;
    }
    branch.item = item;
  }

  /** Calls back for the item of every prefix that the text begins with, the shortest first. */
  forEachPrefixOf(text: string, found: (item: Item) => void): void {
    let branch = this.#root;
    let at = 0;
    for (;;) {
      if (branch.item !== undefined) found(branch.item);
      const next = branch.branches.get(text.charCodeAt(at));
      if (next === undefined || !text.startsWith(next.label, at)) return;
      at += next.label.length;
      branch = next;
    }
  }

  /** Calls back for every item. */
  forEach(found: (item: Item) => void): void {
    const branches = [this.#root];
    for (let branch = branches.pop(); branch !== undefined; branch = branches.pop()) {
      if (branch.item !== undefined) found(branch.item);
      branches.push(...branch.branches.values());
    }
  }
}

/** The part of prefixes between two places where they part; `branches` by the UTF-16 unit that they go on with. */
interface Branch<Item> {
  readonly label: string;
  item: Item | undefined;
  readonly branches: Map<number, Branch<Item>>;
}

function sharedLength(label: string, prefix: string, from: number): number {
  let length = 1;
  while (length < label.length && label.charCodeAt(length) === prefix.charCodeAt(from + length)) {
    length += 1;
  }
  return length;
}

/** The new branch that ends after the first part of the old one's label, with the rest of it behind. */
function splitBranch<Item>(
  parent: Branch<Item>,
  branch: Branch<Item>,
  length: number,
): Branch<Item> {
  const rest = { ...branch, label: branch.label.slice(length) };
  const first: Branch<Item> = {
    label: branch.label.slice(0, length),
    item: undefined,
    branches: new Map([[rest.label.charCodeAt(0), rest]]),
  };
  parent.branches.set(first.label.charCodeAt(0), first);
  return first;
}
