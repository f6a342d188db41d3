import { spend } from "../../model/step-limit.ts";
import { numberAt, numbersAt } from "./argument.ts";
import type { FunctionRow } from "./function-table.ts";

const numberParameter = { types: ["number"] } as const;

/** `abs`, `avg`, `ceil`, `floor`. */
export const numericFunctions: readonly FunctionRow[] = [
  { name: "abs", parameters: [numberParameter], body: (args) => Math.abs(numberAt(args, 0)) },
  {
    name: "avg",
    parameters: [{ types: ["array[number]"] }],
    body: (args, budget) => {
      const numbers = numbersAt(args, 0);
      if (numbers.length === 0) return null;
      let sum = 0;
      for (const number of numbers) sum += number;
      return spend(budget, numbers.length) ?? sum / numbers.length;
    },
  },
  { name: "ceil", parameters: [numberParameter], body: (args) => Math.ceil(numberAt(args, 0)) },
  { name: "floor", parameters: [numberParameter], body: (args) => Math.floor(numberAt(args, 0)) },
];
