import { collectionFunctions } from "./core-collections.ts";
import { conversionFunctions } from "./core-conversions.ts";
import { numericFunctions } from "./core-numbers.ts";
import { orderingFunctions } from "./core-ordering.ts";
import { searchFunctions } from "./core-search.ts";
import { stringFunctions } from "./core-strings.ts";
import type { FunctionRow } from "./function-table.ts";

/**
 * The functions of the language itself, without `items`, `replace`, `split`, `sum` and `trim`: the
 * policy engine has its own of these names.
 */
export const coreFunctions: readonly FunctionRow[] = [
  ...numericFunctions,
  ...stringFunctions,
  ...searchFunctions,
  ...collectionFunctions,
  ...orderingFunctions,
  ...conversionFunctions,
];
