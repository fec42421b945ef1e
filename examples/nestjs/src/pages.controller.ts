import { randomUUID } from "node:crypto";
import { CacheInterceptor, CacheTTL } from "@nestjs/cache-manager";
import { Controller, Get, UseInterceptors } from "@nestjs/common";

/** Answers that are made once and kept by their URL. */
@Controller("pages")
@UseInterceptors(CacheInterceptor)
export class PagesController {
  @Get("news")
  @CacheTTL(300_000)
  news(): { edition: string } {
    return { edition: randomUUID() };
  }
}
