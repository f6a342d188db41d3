import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { certificateFunctions } from "../../../src/kyverno-json/functions/certificate-functions.ts";
import { callFunction } from "./call-function.ts";
import { caPem, csrPem, ecPem, fullPem, pssPem } from "./certificates.ts";

function decode(pem: string): { readonly [key: string]: unknown } {
  return { ...Object(callFunction(certificateFunctions, "x509_decode", [pem])) };
}

function fields(value: { readonly [key: string]: unknown }, names: readonly string[]): unknown {
  return Object.fromEntries(names.map((name) => [name, value[name]]));
}

// The wanted values are what crypto/x509 and encoding/json of Go 1.26 give.
const full = {
  AuthorityKeyId: "qiYGIQ8yRF8oqbB7IkFWDq0KU5o=",
  BasicConstraintsValid: true,
  CRLDistributionPoints: ["http://crl.example.org/a.crl"],
  DNSNames: ["a.example.org"],
  EmailAddresses: ["x@example.org"],
  ExcludedDNSDomains: null,
  ExcludedEmailAddresses: null,
  ExcludedIPRanges: null,
  ExcludedURIDomains: null,
  ExtKeyUsage: [1, 2],
  ExtraExtensions: null,
  IPAddresses: ["192.0.2.1", "2001:db8::1"],
  InhibitAnyPolicy: 0,
  InhibitAnyPolicyZero: false,
  InhibitPolicyMapping: 0,
  InhibitPolicyMappingZero: false,
  IsCA: true,
  IssuingCertificateURL: ["http://ca.example.org/ca.crt"],
  KeyUsage: 5,
  MaxPathLen: -1,
  MaxPathLenZero: false,
  NotAfter: "2036-11-20T19:02:31Z",
  NotBefore: "2026-11-23T19:02:31Z",
  OCSPServer: ["http://ocsp.example.org/"],
  PermittedDNSDomains: null,
  PermittedDNSDomainsCritical: false,
  PermittedEmailAddresses: null,
  PermittedIPRanges: null,
  PermittedURIDomains: null,
  Policies: ["1.2.3.4"],
  PolicyIdentifiers: [[1, 2, 3, 4]],
  PolicyMappings: null,
  PublicKeyAlgorithm: 1,
  RequireExplicitPolicy: 0,
  RequireExplicitPolicyZero: false,
  SerialNumber: 4.759477275222531e21,
  SignatureAlgorithm: 4,
  SubjectKeyId: "qiYGIQ8yRF8oqbB7IkFWDq0KU5o=",
  URIs: [
    {
      ForceQuery: false,
      Fragment: "",
      Host: "cluster.local",
      OmitHost: false,
      Opaque: "",
      Path: "/ns/foo/sa/bar",
      RawFragment: "",
      RawPath: "",
      RawQuery: "",
      Scheme: "spiffe",
      User: null,
    },
  ],
  UnhandledCriticalExtensions: null,
  UnknownExtKeyUsage: [[1, 2, 3, 4]],
  Version: 3,
};
const authority = {
  IsCA: true,
  MaxPathLen: 0,
  MaxPathLenZero: true,
  PermittedDNSDomainsCritical: true,
  PermittedDNSDomains: [".example.org"],
  PermittedEmailAddresses: ["a@example.org"],
  PermittedIPRanges: null,
  ExcludedDNSDomains: null,
  ExcludedIPRanges: [{ IP: "192.0.2.0", Mask: "////AA==" }],
  ExcludedURIDomains: [".example.com"],
  InhibitAnyPolicy: 2,
  InhibitAnyPolicyZero: false,
  InhibitPolicyMapping: 0,
  InhibitPolicyMappingZero: true,
  RequireExplicitPolicy: 3,
  RequireExplicitPolicyZero: false,
  PolicyMappings: [{ IssuerDomainPolicy: "1.2.3.4", SubjectDomainPolicy: "1.2.3.5" }],
  UnhandledCriticalExtensions: [[1, 2, 3, 4, 5]],
  NotAfter: "2126-10-30T19:02:31Z",
  SerialNumber: 1,
  DNSNames: null,
};
const request = {
  Attributes: [
    {
      Type: [1, 2, 840, 113549, 1, 9, 14],
      Value: [
        [
          { Type: [2, 5, 29, 17], Value: "MBWCDWEuZXhhbXBsZS5vcmeHBMAAAgE=" },
          { Type: [2, 5, 29, 15], Value: true },
        ],
      ],
    },
  ],
  DNSNames: ["a.example.org"],
  EmailAddresses: null,
  ExtraExtensions: null,
  IPAddresses: ["192.0.2.1"],
  PublicKeyAlgorithm: 1,
  SignatureAlgorithm: 4,
  URIs: null,
  Version: 0,
  Extensions: [
    { Critical: false, Id: [2, 5, 29, 17], Value: "MBWCDWEuZXhhbXBsZS5vcmeHBMAAAgE=" },
    { Critical: true, Id: [2, 5, 29, 15], Value: "AwIHgA==" },
  ],
};
const pss = {
  SignatureAlgorithm: 13,
  PublicKeyAlgorithm: 1,
  PolicyIdentifiers: null,
  UnhandledCriticalExtensions: null,
};

const cases = [
  { name: "a certificate", pem: fullPem, want: full, count: 52 },
  { name: "an authority", pem: caPem, want: authority, count: 52 },
  { name: "a request", pem: csrPem, want: request, count: 17 },
  { name: "an RSASSA-PSS signature", pem: pssPem, want: pss, count: 52 },
];

for (const { name, pem, want, count } of cases) {
  test(`${name} is decoded as Go does`, () => {
    const value = decode(pem);
    assert.deepEqual(fields(value, Object.keys(want)), want);
    assert.equal(Object.keys(value).length, count);
  });
}

test("names are taken apart", () => {
  const subject = {
    CommonName: "hällo.example.org",
    Country: ["DE"],
    ExtraNames: null,
    Locality: ["Ulm"],
    Names: [
      { Type: [2, 5, 4, 6], Value: "DE" },
      { Type: [2, 5, 4, 10], Value: "Acme" },
      { Type: [2, 5, 4, 11], Value: "Edge" },
      { Type: [2, 5, 4, 7], Value: "Ulm" },
      { Type: [2, 5, 4, 3], Value: "hällo.example.org" },
    ],
    Organization: ["Acme"],
    OrganizationalUnit: ["Edge"],
    PostalCode: null,
    Province: null,
    SerialNumber: "",
    StreetAddress: null,
  };
  assert.deepEqual(decode(fullPem)["Subject"], subject);
  assert.deepEqual(decode(fullPem)["Issuer"], subject);
});

test("bytes and key are those that Node reads", () => {
  const value = decode(fullPem);
  const certificate = new X509Certificate(fullPem);
  const { n = "" } = certificate.publicKey.export({ format: "jwk" });
  const modulus = BigInt(`0x${Buffer.from(n, "base64url").toString("hex")}`);
  assert.equal(value["Raw"], certificate.raw.toString("base64"));
  assert.deepEqual(value["PublicKey"], { N: modulus.toString(), E: 65_537 });
  const info = certificate.publicKey.export({ format: "der", type: "spki" });
  assert.equal(value["RawSubjectPublicKeyInfo"], info.toString("base64"));
});

const block = (type: string, bytes: Uint8Array): string =>
  `-----BEGIN ${type}-----\n${Buffer.from(bytes).toString("base64")}\n-----END ${type}-----\n`;
const der = new X509Certificate(fullPem).raw;
const unknownBlock = "PEM block neither contains a CERTIFICATE or CERTIFICATE REQUEST";
const noBlock = "failed to decode PEM block";

const faults = [
  { name: "no text", pem: "", want: noBlock },
  { name: "no end", pem: "-----BEGIN CERTIFICATE-----\nYQ==\n", want: noBlock },
  { name: "another end", pem: "-----BEGIN X-----\nYQ==\n-----END Y-----", want: noBlock },
  { name: "bad base64", pem: "-----BEGIN X-----\nYQ=\n-----END X-----", want: noBlock },
  { name: "headers alone", pem: "-----BEGIN X-----\na: b\n-----END X-----", want: noBlock },
  { name: "another type", pem: block("X", der), want: unknownBlock },
  { name: "an elliptic key", pem: ecPem, want: "certificate should use rsa algorithm" },
  {
    name: "nothing",
    pem: block("CERTIFICATE", der.subarray(0, 0)),
    want: "x509: malformed certificate",
  },
  {
    name: "a part",
    pem: block("CERTIFICATE", der.subarray(0, 99)),
    want: "x509: malformed certificate",
  },
  {
    name: "more",
    pem: block("CERTIFICATE", Buffer.concat([der, der])),
    want: "x509: trailing data",
  },
];

for (const { name, pem, want } of faults) {
  test(`${name} errs: ${want}`, () => {
    assert.deepEqual(decode(pem), { code: "EVALUATION_VALUE", message: want });
  });
}

test("the first whole block counts, whatever stands around it", () => {
  const text = `text\n-----BEGIN X-----\n${fullPem.replaceAll("\n", "\r\n")}${ecPem}`;
  assert.equal(decode(text)["SerialNumber"], decode(fullPem)["SerialNumber"]);
});

test("damaged certificates never throw", () => {
  for (const [at] of der.entries()) {
    const damaged = Buffer.from(der);
    damaged[at] = (damaged[at] ?? 0) ^ 0x55;
    const value = decode(block("CERTIFICATE", damaged));
    assert.ok("Raw" in value || value["code"] === "EVALUATION_VALUE");
  }
});

test("a certificate of absurd size is refused", () => {
  const value = decode(block("CERTIFICATE", Buffer.alloc(70_000)));
  assert.equal(value["code"], "EVALUATION_SIZE_LIMIT");
});
