import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { generate } from "selfsigned";

/** A certificate for loopback, its key, and who signed it. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

let made: Promise<Certificate> | undefined;

/** A certificate for loopback, which this process trusts from now on: one, since two of one name are told apart by nobody. */
export function trustedCertificate(): Promise<Certificate> {
  return (made ??= make());
}

async function make(): Promise<Certificate> {
  const ca = await generate([{ name: "commonName", value: "Tests" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [{ name: "basicConstraints", cA: true, critical: true }],
  });
  const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    algorithm: "sha256",
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: "basicConstraints", cA: false },
      { name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] },
    ],
  });
  setDefaultCACertificates([...getCACertificates("default"), ca.cert]);
  return { key, cert, ca: ca.cert };
}
