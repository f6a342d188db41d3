import { Counter, Gauge, type Registry } from "prom-client";

/** Adds a gauge whose value is read when it is scraped. */
export function gauge(
  registers: Registry[],
  name: string,
  help: string,
  value: () => number,
): void {
  const metric: Gauge = new Gauge({
    name,
    help,
    registers,
    collect() {
      metric.set(value());
    },
  });
}

/** Adds a counter whose value is read when it is scraped. */
export function total(
  registers: Registry[],
  name: string,
  help: string,
  value: () => number,
): void {
  const metric: Counter = new Counter({
    name,
    help,
    registers,
    collect() {
      metric.reset();
      metric.inc(value());
    },
  });
}

/** Adds a counter with one label, whose values are read when it is scraped. */
export function labelled(
  registers: Registry[],
  { name, help, label }: { readonly name: string; readonly help: string; readonly label: string },
  counts: () => Readonly<Record<string, number>>,
): void {
  const metric: Counter = new Counter({
    name,
    help,
    labelNames: [label],
    registers,
    collect() {
      metric.reset();
      for (const [value, count] of Object.entries(counts())) metric.inc({ [label]: value }, count);
    },
  });
}
