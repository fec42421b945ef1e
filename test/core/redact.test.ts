import { reasonOf, redactURLs } from "@kvplug/core/seam";
import { expect, test } from "vitest";

test.each([
  ["https://me:SECRET@host/client/v4", "https://host/client/v4"],
  ["https://:SECRET@host", "https://host"],
  ["HTTP://SECRET@host:80?q", "HTTP://host:80?q"],
  ["redis://me:SECRET@host:6379/0", "redis://me@host:6379/0"],
  ["redis://:SECRET@host", "redis://host"],
  ["redis://me@host", "redis://me@host"],
  // What a URL takes for the end of a password is the last @.
  ["redis://me:SECRET@SECRET@host/0", "redis://me@host/0"],
  ["--from=rediss://me:SECRET:SECRET@host", "--from=rediss://me@host"],
  ["no 'https://me:SECRET@a', http://SECRET@b/@c and d@e.example", "no 'https://a', http://b/@c and d@e.example"],
  ["redis://a:SECRET@h1,redis://b:SECRET@h2", "redis://a@h1,redis://b@h2"],
  // Malformed: a host ends there.
  ["https://me:SEC/RET@host/path", "https://host/path"],
  [String.raw`http://me:SEC\RET@host`, "http://host"],
  // Well-formed, and the password may begin with what looks like a port.
  ["https://me:1234/SECRET@host/path", "https://host/path"],
  ["https://me:/SECRET@host", "https://host"],
  ["https://me:12?SECRET@SECRET@host:80", "https://host:80"],
  ["--to=redis://me.you:1234#SECRET@host/0", "--to=redis://host/0"],
  ["https://host/@scope/name?at=a@b", "https://host/@scope/name?at=a@b"],
  ["http://localhost:4873/@scope/name", "http://localhost:4873/@scope/name"],
  ["http://127.0.0.1:8787/a@b and http://[::1]:80/a@b", "http://127.0.0.1:8787/a@b and http://[::1]:80/a@b"],
  ["a text of you@example.com", "a text of you@example.com"],
])("of %s no credentials are shown", (text, shown) => {
  expect(redactURLs(text)).toBe(shown);
  expect(redactURLs(shown)).toBe(shown);
});

test("a long text takes no longer than it is long", () => {
  for (const text of ["a".repeat(1e6), "a://".repeat(250_000), "x://@".repeat(200_000)])
    expect(redactURLs(`${text}://@`).length).toBeLessThan(2e6);
});

test("why a fetch failed is told without the credentials that made it fail", async () => {
  const error = await fetch("http://me:SECRET@127.0.0.1:9/").catch((reason: unknown) => reason);
  expect(String(error)).toContain("SECRET");
  expect(reasonOf(error)).not.toContain("SECRET");
});
