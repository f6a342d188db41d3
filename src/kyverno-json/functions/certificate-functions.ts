import type { Result, Value } from "../../go-values/value.ts";
import type { FunctionRow } from "../../jmespath/functions/function-table.ts";
import type { Budget } from "../../model/budget.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import { spendPass } from "../../values/step-cost.ts";
import { decodeCertificate } from "../../values/x509/certificate.ts";
import { decodeCertificateRequest } from "../../values/x509/certificate-request.ts";
import { parsePem } from "../../values/x509/pem.ts";
import { stringArgument } from "./typed-argument.ts";

/** Certificates of a larger size are none that anyone uses. */
const MAX_CERTIFICATE_BYTES = 65_536;

/** A text is read about this often: as base64, as DER, and its parts again to be shown. */
const PASSES = 8;

/**
 * The function `x509_decode`: the first PEM block of a text, a certificate or certificate request with an
 * RSA key, as the JSON of Go's struct. Nothing is verified.
 */
export const certificateFunctions: readonly FunctionRow[] = [
  {
    name: "x509_decode",
    bytesPerCharacter: 64,
    parameters: [{ types: ["string"] }],
    body: decodePem,
  },
];

function decodePem([pem]: readonly Value[], budget: Budget): Result {
  const text = stringArgument(pem);
  const spent = spendPass(budget, text.length * PASSES);
  if (spent !== undefined) return spent;
  const block = parsePem(text);
  if (block !== undefined && block.bytes.length > MAX_CERTIFICATE_BYTES) {
    return new EvaluationError(
      "EVALUATION_SIZE_LIMIT",
      `the certificate is larger than ${MAX_CERTIFICATE_BYTES} bytes`,
    );
  }
  switch (block?.type) {
    case "CERTIFICATE":
      return decodeCertificate(block.bytes);
    case "CERTIFICATE REQUEST":
      return decodeCertificateRequest(block.bytes);
    case undefined:
      return new EvaluationError("EVALUATION_VALUE", "failed to decode PEM block");
    default:
      return new EvaluationError(
        "EVALUATION_VALUE",
        "PEM block neither contains a CERTIFICATE or CERTIFICATE REQUEST",
      );
  }
}
