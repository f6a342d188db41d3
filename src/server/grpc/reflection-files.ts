import type { DescFile } from "@bufbuild/protobuf";
import { toBinary } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

/** The files that reflection can tell of: some proto files and those they import. */
export interface ReflectionFiles {
  /** The full names of the services in the files themselves, sorted. */
  readonly services: readonly string[];
  /** The file of this name and then all that it imports, each a FileDescriptorProto; undefined where there is none. */
  byName(name: string): readonly Uint8Array[] | undefined;
  /** The same for the file that declares a message, field, enum, service or method by its full name. */
  bySymbol(symbol: string): readonly Uint8Array[] | undefined;
  /** Returns whether that is the full name of a message. */
  isMessage(name: string): boolean;
}

/** Returns the index of the files. None of them has extensions. */
export function indexFiles(files: readonly DescFile[]): ReflectionFiles {
  const byName = new Map<string, DescFile>();
  const bySymbol = new Map<string, DescFile>();
  const messages = new Set<string>();
  const encoded = new Map<string, Uint8Array>();
  for (const file of withImports(files)) {
    byName.set(file.proto.name, file);
    encoded.set(file.proto.name, toBinary(FileDescriptorProtoSchema, file.proto));
    for (const type of nestedTypes(file)) {
      bySymbol.set(type.typeName, file);
      if (type.kind === "message") {
        messages.add(type.typeName);
        for (const { name } of type.fields) bySymbol.set(`${type.typeName}.${name}`, file);
      }
      if (type.kind === "service") {
        for (const { name } of type.methods) bySymbol.set(`${type.typeName}.${name}`, file);
      }
    }
  }
  const bytesOf = (file: DescFile | undefined): readonly Uint8Array[] | undefined =>
    file && withImports([file]).flatMap(({ proto }) => encoded.get(proto.name) ?? []);
  return {
    services: files.flatMap((file) => file.services.map(({ typeName }) => typeName)).toSorted(),
    byName: (name) => bytesOf(byName.get(name)),
    bySymbol: (symbol) => bytesOf(bySymbol.get(symbol)),
    isMessage: (name) => messages.has(name),
  };
}

/** The files and what they import, each once and before what it imports. */
function withImports(files: readonly DescFile[]): readonly DescFile[] {
  const found = new Set<DescFile>();
  const add = (file: DescFile): void => {
    if (found.has(file)) return;
    for (const imported of file.dependencies) add(imported);
    found.add(file);
  };
  for (const file of files) add(file);
  return [...found].toReversed();
}
