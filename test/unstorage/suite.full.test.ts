import { grounds, type Ground } from "./support/grounds.ts";
import { testManyKeys } from "./support/many-keys.ts";
import { describeStorage } from "./support/suite.ts";

for (const ground of Object.keys(grounds) as Ground[]) {
  testManyKeys(ground);
  describeStorage(ground, ["unstorage 1", "unstorage 2"]);
}
