/** How often this visitor came, by a session that lasts for half an hour. */
export default defineEventHandler(async (event) => {
  const sessions = useStorage("sessions");
  const id = getCookie(event, "session") ?? crypto.randomUUID();
  const visits = ((await sessions.getItem<number>(id)) ?? 0) + 1;
  await sessions.setItem(id, visits);
  setCookie(event, "session", id, { httpOnly: true });
  return { visits };
});
