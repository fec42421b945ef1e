import { createStores } from "@kvplug/cache-manager";
import { CacheModule } from "@nestjs/cache-manager";
import { Module } from "@nestjs/common";
import { PagesController } from "./pages.controller.js";
import { UsersController } from "./users.controller.js";

/** Credentials and the namespace come from `CLOUDFLARE_*`. */
@Module({
  imports: [
    CacheModule.register({
      isGlobal: true,
      stores: createStores({ namespace: "shop", lru: { max: 1000, ttl: 1000 }, onError: console.error }),
      ttl: 60_000,
    }),
  ],
  controllers: [PagesController, UsersController],
})
export class AppModule {}
