import { defineHandler } from "nitro";
import { getCookie, setCookie } from "nitro/h3";
import { useStorage } from "nitro/storage";

export default defineHandler(async (event) => {
  const sessions = useStorage("sessions");
  const id = getCookie(event, "session") ?? crypto.randomUUID();
  const visits = ((await sessions.getItem<number>(id)) ?? 0) + 1;
  await sessions.setItem(id, visits);
  setCookie(event, "session", id, { httpOnly: true });
  return { visits };
});
