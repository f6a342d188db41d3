/** `npm run bench:micro`: what the parts of the server cost, each alone. */
import { parseArgs } from "node:util";
import { Bench } from "tinybench";
import { evaluationCases } from "./micro/evaluation-cases.ts";
import { expressionCases } from "./micro/expression-cases.ts";
import { jsonCases } from "./micro/json-cases.ts";
import { loadCases } from "./micro/load-cases.ts";
import { type CatalogueFigures, measureCatalogue } from "./micro/measure-catalogue.ts";
import { type DispatchFigures, dispatchCases, measureDispatch } from "./micro/measure-dispatch.ts";
import type { MicroCase } from "./micro/micro-case.ts";
import {
  formatCatalogue,
  formatDispatch,
  formatFigures,
  formatHeader,
  formatRatios,
  type MicroFigures,
} from "./micro/report.ts";
import { tokenCases } from "./micro/token-cases.ts";
import { wireCases } from "./micro/wire-cases.ts";

const usage = `usage: npm run bench:micro -- [PATTERN] [--time MS] [--json]

Times the parts of the server, one after the other, and checks every answer.

  PATTERN     only the cases whose name matches the regular expression
  --time MS   how long each case is measured, what prepares it not counted (default 300)
  --json      one JSON text instead of lines, in nanoseconds
  --help      this text

Medians per operation; "spread" is the median absolute deviation. On a busy machine the best of many samples says more.`;

const catalogueName = "load: 1000 policies in a worker";
const cataloguePolicies = 1_000;
const catalogueRounds = 3;

const options = parseOptions();
if (options instanceof Error) {
  console.error(`${options.message}; see --help`);
  process.exitCode = 2;
} else if (options.help) {
  console.log(usage);
} else {
  await measureAll(options);
}

interface MicroOptions {
  readonly help: boolean;
  readonly pattern: RegExp;
  readonly timeMs: number;
  readonly isJson: boolean;
}

/** What the command line says, or why it cannot be understood. */
function parseOptions(): MicroOptions | Error {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        help: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        time: { type: "string", default: "300" },
      },
    });
    const timeMs = Number(values.time);
    if (!(timeMs > 0)) return new Error(`\`${values.time}\` is no number of milliseconds`);
    const pattern = new RegExp(positionals[0] ?? "", "i");
    return { help: values.help, pattern, timeMs, isJson: values.json };
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function measureAll({ pattern, timeMs, isJson }: MicroOptions): Promise<void> {
  const print = isJson ? () => undefined : (line: string) => console.log(line);
  const cases = [
    ...evaluationCases(),
    ...tokenCases(),
    ...wireCases(),
    ...jsonCases(),
    ...expressionCases(),
    ...loadCases(),
  ];
  const all: MicroFigures[] = [];
  print(formatHeader());
  for (const micro of cases.filter(({ name }) => pattern.test(name))) {
    const figures = measure(micro, timeMs);
    all.push(figures);
    print(formatFigures(figures));
  }
  for (const line of formatRatios(all)) print(line);
  const dispatch: DispatchFigures[] = [];
  for (const way of dispatchCases.filter(({ name }) => pattern.test(name))) {
    const figures = await measureDispatch(way);
    dispatch.push(figures);
    print(formatDispatch(figures));
  }
  const catalogue: CatalogueFigures[] = [];
  if (pattern.test(catalogueName)) {
    for (let round = 0; round < catalogueRounds; round++) {
      catalogue.push(await measureCatalogue(cataloguePolicies));
    }
    print(formatCatalogue(catalogue));
  }
  if (isJson) {
    console.log(JSON.stringify({ node: process.version, cases: all, dispatch, catalogue }));
  }
}

function measure({ name, operations, prepare, run }: MicroCase, timeMs: number): MicroFigures {
  const bench = new Bench({ time: timeMs, warmupTime: timeMs / 3, throws: true });
  bench.add(name, run, prepare === undefined ? {} : { beforeEach: prepare });
  bench.runSync();
  const result = bench.tasks[0]?.result;
  if (result?.state !== "completed") throw new Error(`${name} was not measured`);
  const { p50, mad, min, samplesCount } = result.latency;
  const toNs = (ms: number): number => (ms * 1e6) / operations;
  return {
    name,
    medianNs: toNs(p50),
    spreadNs: toNs(mad),
    bestNs: toNs(min),
    samples: samplesCount,
  };
}
