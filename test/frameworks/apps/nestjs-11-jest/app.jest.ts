import "reflect-metadata";
import { withCache } from "@kvplug/cache";
import { createStores } from "@kvplug/cache-manager";
import { createKV, KVError } from "@kvplug/core";
import { KVError as ErrorOfTheSeam } from "@kvplug/core/seam";
import { KeyvKV } from "@kvplug/keyv";
import { KeyvKV6 } from "@kvplug/keyv/v6";
import { CacheInterceptor, CacheModule } from "@nestjs/cache-manager";
import { Controller, Get, Module, UseInterceptors, type INestApplication } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";

let made = 0;

@Controller()
@UseInterceptors(CacheInterceptor)
class Pages {
  @Get("page")
  page(): { made: number } {
    return { made: ++made };
  }
}

@Module({
  imports: [
    CacheModule.register({
      stores: createStores({ namespace: "shop", lru: { max: 100 }, onError: console.error }),
      ttl: 60_000,
    }),
  ],
  controllers: [Pages],
})
class App {}

describe("a NestJS 11 app under jest", () => {
  let app: INestApplication;
  beforeAll(async () => {
    app = await NestFactory.create(App, { logger: false });
    await app.listen(0, "127.0.0.1");
  });
  afterAll(() => app.close());

  it("keeps its answers in KV", async () => {
    const ask = async (): Promise<unknown> => (await fetch(`${await app.getUrl()}/page`)).json();
    expect([await ask(), await ask()]).toEqual([{ made: 1 }, { made: 1 }]);
    const kv = createKV();
    expect((await kv.list()).keys.map(({ name }) => name)).toEqual(["shop::/page"]);
    await kv.close();
  });

  it("has one copy of each package, whichever entry is imported", async () => {
    expect(KVError).toBe(ErrorOfTheSeam);
    const kv = withCache(createKV(), { max: 10 });
    await expect(new KeyvKV(kv).set("a", 5 as never)).rejects.toBeInstanceOf(KVError);
    await expect(kv.put("", "empty")).rejects.toBeInstanceOf(KVError);
    expect(Object.getPrototypeOf(KeyvKV)).toBe(Object.getPrototypeOf(KeyvKV6));
    await kv.close();
  });
});
