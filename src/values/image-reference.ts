/** A reference to a container image. */
export interface ImageReference {
  readonly registry: string;
  readonly repository: string;
  /** Empty where there is a digest. */
  readonly tag: string;
  /** `sha256:…`, or empty. */
  readonly digest: string;
}

const defaultRegistry = "index.docker.io";
const repositoryPattern = /^[a-z0-9_\-./]{2,255}$/;
const tagPattern = /^[A-Za-z0-9_\-.]{1,128}$/;
const digestPattern = /^sha256:[0-9a-f]{64}$/;
const registryPattern = /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::\d+)?$/;

/**
 * Returns the reference as go-containerregistry's `name.ParseReference` reads it, or undefined when the text is none: what has a dot
 * or a port in front of the first slash is a registry, Docker's is the default, `latest` the default tag.
 */
export function parseImageReference(text: string): ImageReference | undefined {
  const at = text.indexOf("@");
  const digest = at === -1 ? "" : text.slice(at + 1);
  if (at !== -1 && !digestPattern.test(digest)) return undefined;
  const named = at === -1 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(":");
  const hasTag = colon > named.lastIndexOf("/");
  const tag = hasTag ? named.slice(colon + 1) : "latest";
  if (!tagPattern.test(tag)) return undefined;
  const place = readPlace(hasTag ? named.slice(0, colon) : named);
  return place && { ...place, tag: digest === "" ? tag : "", digest };
}

function readPlace(text: string): Pick<ImageReference, "registry" | "repository"> | undefined {
  const slash = text.indexOf("/");
  const first = slash === -1 ? "" : text.slice(0, slash);
  const hasRegistry = /[.:]/.test(first);
  const registry = hasRegistry ? first : defaultRegistry;
  const repository = hasRegistry ? text.slice(slash + 1) : text;
  if (!repositoryPattern.test(repository) || !registryPattern.test(registry)) return undefined;
  const isOfficial = registry === defaultRegistry && !repository.includes("/");
  return { registry, repository: isOfficial ? `library/${repository}` : repository };
}
