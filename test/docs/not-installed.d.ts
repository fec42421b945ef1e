/** What blocks of the documentation import that only `pnpm test:frameworks` installs, where it is built and run. */
declare module "@nestjs/cache-manager" {
  export const CacheModule: { register(options: object): unknown };
}
