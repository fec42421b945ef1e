// The API reference: `reference/*.md` from the docstrings, by entry and name.
import { join } from "node:path";
import { Converter } from "typedoc";
import { entriesOf, publicPackages } from "../scripts/public-packages.ts";

const root = join(import.meta.dirname, "..");

/** The source of each entry, from the root, and the name by which it is imported. */
const entries = new Map(
  publicPackages(root).flatMap(({ folder, manifest }) =>
    entriesOf(manifest).map(([entry, built]) => [
      join(folder, built.replace("./dist/", "src/").replace(".js", ".ts")),
      join(manifest.name, entry),
    ]),
  ),
);

/** Names each module as it is imported, and not by where its source lies. */
function namesAsImported(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children) {
      const source = join(root, "packages", module.name);
      module.name = entries.get(`${source}.ts`) ?? entries.get(join(source, "index.ts"));
    }
  });
}

/** @type {Partial<import("typedoc").TypeDocOptions> & import("typedoc-plugin-markdown").PluginOptions} */
export default {
  plugin: ["typedoc-plugin-markdown", namesAsImported],
  entryPoints: [...entries.keys()],
  tsconfig: join(import.meta.dirname, "tsconfig.json"),
  out: join(import.meta.dirname, "reference"),
  router: "member",
  entryFileName: "index",
  readme: "none",
  name: "API reference",
  disableSources: true,
  excludeExternals: true,
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useHTMLEncodedBrackets: true,
  parametersFormat: "table",
  // With a line for each module.
  indexFormat: "table",
  // tsc has checked the types.
  skipErrorChecking: true,
  treatWarningsAsErrors: true,
};
