import { defineHandler } from "nitro";
import { getRouterParam } from "nitro/h3";
import { useStorage } from "nitro/storage";

export default defineHandler(async (event) => {
  const notes = useStorage("data");
  const name = getRouterParam(event, "name");
  if (event.req.method === "PUT") await notes.setItem(name, await event.req.json(), { ttl: 3600 });
  if (event.req.method === "DELETE") await notes.removeItem(name);
  return { note: await notes.getItem(name) };
});
