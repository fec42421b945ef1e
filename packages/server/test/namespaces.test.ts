import { expect, test } from "vitest";
import { expectError, resultOf, startApi } from "./api.ts";

test("a namespace is created, read, renamed and deleted", async () => {
  await using api = await startApi();
  const created = resultOf(await api.ask("POST", "", { title: "sessions" }));
  expect(created).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
    title: "sessions",
    supports_url_encoding: true,
  });
  expect(resultOf(await api.ask("GET", created.id))).toEqual(created);
  expect(resultOf(await api.ask("PUT", created.id, { title: "logins" }))).toEqual({ ...created, title: "logins" });
  expect(resultOf(await api.ask("PUT", created.id, { title: "logins" }))).toMatchObject({ title: "logins" });
  resultOf(await api.ask("PUT", `${created.id}/values/k`, "v"));
  expect(resultOf(await api.ask("DELETE", created.id))).toEqual({});
  expectError(await api.ask("GET", created.id), 404, 10013, "get namespace: 'namespace not found'");
  expectError(await api.ask("GET", `${created.id}/values/k`), 404, 10013, "get: 'namespace not found'");
  expectError(await api.ask("GET", `${created.id}/keys`), 404, 10013, "list keys: 'namespace not found'");
  expectError(await api.ask("DELETE", created.id), 404, 10013);
});

test("titles are unique, and needed", async () => {
  await using api = await startApi({ namespaces: ["a", { title: "main", id: "main-id" }] });
  const taken = "a namespace with this account ID and title already exists";
  expectError(await api.ask("POST", "", { title: "a" }), 400, 10014, taken);
  expectError(await api.ask("PUT", "main-id", { title: "a" }), 400, 10014, taken);
  for (const body of [{}, { title: "" }, { title: 7 }, [], "null"])
    expectError(await api.ask("POST", "", body), 400, 10019);
  expectError(await api.ask("POST", "", { title: "t".repeat(513) }), 400, 10019, /512.*513/);
  expectError(await api.ask("POST", "", "{"), 400, 10019, /not JSON/);
  expect(api.server.requests.byRoute).toMatchObject({ "POST /": 8, "PUT /:namespace": 1 });
});

test("namespaces are listed by page, in either order and direction", async () => {
  const titles = ["cherry", "apple", "banana"];
  await using api = await startApi({ namespaces: titles.map((title, index) => ({ title, id: `id-${index}` })) });
  const list = async (query: string) => (await api.ask("GET", `?${query}`)).body;
  expect((await list("")).result.map(({ title }: any) => title)).toEqual(titles);
  expect((await list("order=title")).result.map(({ title }: any) => title)).toEqual(titles.toSorted());
  expect((await list("order=title&direction=desc")).result[0].title).toBe("cherry");
  expect(await list("order=title&page=2&per_page=2")).toMatchObject({
    result: [{ title: "cherry" }],
    result_info: { count: 1, page: 2, per_page: 2, total_count: 3 },
  });
  expect(await list("page=9")).toMatchObject({
    result: [],
    result_info: { count: 0, page: 9, per_page: 20, total_count: 3 },
  });
  for (const page of ["0", "-1", "1.5", "x", ""])
    expectError(await api.ask("GET", `?page=${page}`), 400, 10007, /page/);
  for (const perPage of ["0", "1001", "x"])
    expectError(await api.ask("GET", `?per_page=${perPage}`), 400, 10008, /1 to 1000/);
  expectError(await api.ask("GET", "?order=name"), 400, 10024, /id or title/);
  expectError(await api.ask("GET", "?direction=up"), 400, 10025, /asc or desc/);
});

test("what is more than a title is refused, and not forgotten", async () => {
  await using api = await startApi();
  for (const more of [{ jurisdiction: "eu" }, { mode: "instant" }]) {
    const [name] = Object.keys(more);
    expectError(await api.ask("POST", "", { title: "new", ...more }), 400, 10019, new RegExp(`leave "${name}" out`));
    expectError(
      await api.ask("PUT", "main-id", { title: "new", ...more }),
      400,
      10019,
      new RegExp(`leave "${name}" out`),
    );
  }
  expect(resultOf(await api.ask("GET", "")).map(({ title }: any) => title)).toEqual(["main"]);
});

test("an account has at most 1,000 namespaces", async () => {
  await using api = await startApi({ namespaces: Array.from({ length: 1000 }, (_, index) => `n${index}`) });
  expectError(await api.ask("POST", "", { title: "one more" }), 400, 10018, /1000/);
  expect((await api.ask("GET", "?per_page=1000")).body.result).toHaveLength(1000);
});
