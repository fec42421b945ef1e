/** What the origin says now, and says about: the tests change it, and count. */
export async function ask(path, options) {
  const response = await fetch(process.env.ORIGIN + path, options);
  return response.text();
}

export const made = () => `made ${crypto.randomUUID()}`;
