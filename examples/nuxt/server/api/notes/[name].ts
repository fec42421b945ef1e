/** One note: GET reads it, PUT writes it for an hour, DELETE removes it. */
export default defineEventHandler(async (event) => {
  const notes = useStorage("data");
  const name = getRouterParam(event, "name")!;
  if (event.method === "PUT") await notes.setItem(name, await readBody(event), { ttl: 3600 });
  if (event.method === "DELETE") await notes.removeItem(name);
  return { note: await notes.getItem(name) };
});
