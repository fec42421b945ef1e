import { generate } from "selfsigned";
import { getCACertificates, setDefaultCACertificates } from "node:tls";

/** A certificate for loopback, and its key. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** Makes a certificate for loopback, which this process trusts from now on. */
export async function trustedCertificate(): Promise<Certificate> {
  const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    extensions: [
      { name: "basicConstraints", cA: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
        ],
      },
    ],
  });
  setDefaultCACertificates([...getCACertificates("default"), cert]);
  return { key, cert };
}
