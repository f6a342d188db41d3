/** One policy file's text, as read from where policies are kept. */
export interface PolicyFile {
  /** The path as a user would recognise it in a diagnostic. */
  readonly path: string;
  readonly text: string;
}

/** All policy text at one moment; never changed once made. Data only: it crosses to worker threads. */
export interface PolicySnapshot {
  /** Tells one content from another: a prefix of the SHA-256 of all paths and texts. */
  readonly revision: string;
  /** In load order: by argument, then by path. */
  readonly files: readonly PolicyFile[];
}
