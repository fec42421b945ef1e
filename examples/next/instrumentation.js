export async function register() {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { seed } = await import("@kvplug/next");
  // What the build rendered is in KV before the first visitor comes.
  await seed();
}
