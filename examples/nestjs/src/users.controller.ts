import { randomUUID } from "node:crypto";
import { CACHE_MANAGER, type Cache } from "@nestjs/cache-manager";
import { Controller, Delete, Get, Inject, Param } from "@nestjs/common";

interface User {
  id: string;
  loaded: string;
}

/** A cache in the hands of the app. */
@Controller("users")
export class UsersController {
  constructor(@Inject(CACHE_MANAGER) private readonly cache: Cache) {}

  @Get(":id")
  find(@Param("id") id: string): Promise<User> {
    return this.cache.wrap(`user:${id}`, async () => ({ id, loaded: randomUUID() }));
  }

  @Delete(":id")
  async forget(@Param("id") id: string): Promise<{ forgotten: boolean }> {
    return { forgotten: await this.cache.del(`user:${id}`) };
  }
}
