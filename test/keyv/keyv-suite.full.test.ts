import { openGateway } from "../support/gateway.ts";
import { describeKeyvSuite } from "./keyv-suite.ts";

// Which is Miniflare's env.KV behind the server's routes: each is tested alone in the short form.
describeKeyvSuite("the REST driver in front of a gateway", openGateway);
