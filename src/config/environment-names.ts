import { optionRows } from "./options.ts";
import { nearestOption } from "./parse-arguments.ts";

const prefix = "OSTIARY_";

/** Returns the environment variable that stands for an option's name. */
export function environmentName(name: string): string {
  return `${prefix}${name.toUpperCase().replaceAll("-", "_")}`;
}

/** Returns a line for each variable that looks like an option and is not one. */
export function describeUnknownVariables(env: {
  readonly [name: string]: string | undefined;
}): readonly string[] {
  const known = new Set(
    optionRows
      .flatMap(({ name, alias }) => (alias === undefined ? [name] : [name, alias]))
      .map(environmentName),
  );
  return Object.keys(env)
    .filter((name) => name.startsWith(prefix) && !known.has(name))
    .filter((name) => !isFromKubernetes(name, env))
    .toSorted()
    .map((name) => {
      const near = nearestOption(name.slice(prefix.length).toLowerCase().replaceAll("_", "-"));
      const hint = near === undefined ? "" : `; did you mean \`${environmentName(near)}\`?`;
      return `unknown environment variable \`${name}\` is not heeded${hint}`;
    });
}

/** Names that Kubernetes gives every container for a Service `ostiary`, or one whose name begins so. */
const serviceName =
  /^OSTIARY(?:_[A-Z0-9]+)*?_(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/;

/** The one that a person might write as well, `OSTIARY_PORT=9000`: Kubernetes puts a URL there. */
function isFromKubernetes(
  name: string,
  env: { readonly [name: string]: string | undefined },
): boolean {
  if (serviceName.test(name)) return true;
  return name.endsWith("_PORT") && /^(?:tcp|udp|sctp):\/\//.test(env[name] ?? "");
}
