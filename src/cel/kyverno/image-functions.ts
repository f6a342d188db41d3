import { type ImageReference, parseImageReference } from "../../values/image-reference.ts";
import { type CelFunction, define, defineMethod, opaqueOf, types } from "../functions/define.ts";
import { valueError } from "../values/errors.ts";
import { CelNamespace, CelOpaque } from "../values/value.ts";

const { bool, dyn, string } = types;

/** The type of the variable `image`. */
export const imageNamespace = "imagedata.Context";

/** A reference to a container image (`kyverno.image`). */
class CelImage extends CelOpaque {
  override readonly typeName = "kyverno.image";
  readonly text: string;
  readonly reference: ImageReference;

  constructor(text: string, reference: ImageReference) {
    super();
    this.text = text;
    this.reference = reference;
  }

  override equals(other: CelOpaque): boolean {
    return other instanceof CelImage && other.text === this.text;
  }
}

const image = opaqueOf("kyverno.image", CelImage);
const namespace = opaqueOf(imageNamespace, CelNamespace);

/** Parts of an image's reference, and the methods that give them. */
const parts: Readonly<Record<string, (reference: ImageReference) => string>> = {
  registry: ({ registry }) => registry,
  repository: ({ repository }) => repository,
  identifier: ({ tag, digest }) => (digest === "" ? tag : digest),
  tag: ({ tag }) => tag,
  digest: ({ digest }) => digest,
};

/** The functions of images; none asks a registry. */
export const imageFunctions: readonly CelFunction[] = [
  ...["image", "parseImageReference"].map((name) =>
    define(name, [string], image, (_, text) => {
      const reference = parseImageReference(text);
      return reference === undefined
        ? valueError("the text is no reference to an image")
        : new CelImage(text, reference);
    }),
  ),
  define("isImage", [string], bool, (_, text) => parseImageReference(text) !== undefined),
  defineMethod("containsDigest", [image], bool, (_, { reference }) => reference.digest !== ""),
  ...Object.entries(parts).map(([name, read]) =>
    defineMethod(name, [image], string, (_, { reference }) => read(reference)),
  ),
  ...["GetMetadata", "getMetadata"].map((name) => ({
    ...defineMethod(name, [namespace, string], dyn, () => valueError("registries are not asked")),
    unavailable: "`image.GetMetadata` asks a registry, which an authorization server does not",
  })),
];
