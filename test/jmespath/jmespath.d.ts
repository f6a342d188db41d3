/** The classic JMESPath library, which comes without types: what the second opinion asks of it. */
declare module "jmespath" {
  interface Library {
    /** Throws when the text is no expression of the classic dialect. */
    readonly compile: (text: string) => unknown;
    /** Throws what it has for an error. */
    readonly search: (data: unknown, text: string) => unknown;
  }
  const library: Library;
  export default library;
}
