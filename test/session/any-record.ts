import * as fc from "fast-check";

const LATER = "2999-01-01T00:00:00.000Z";

/** Names that mean something to JavaScript, to what a framework calls its session, or to its cookie. */
const SESSION_NAMES =
  "__proto__ constructor prototype hasOwnProperty valueOf toString toJSON cookie session id req user views save touch " +
  "regenerate destroy reload isModified isSaved sessionId encryptedSessionId options get set maxAge isNew length " +
  "populated externalKey commit inspect _expire _maxAge _session _requireSave _ctx";
const COOKIE_NAMES =
  "__proto__ constructor expires _expires originalExpires maxAge originalMaxAge domain path sameSite priority secure " +
  "httpOnly partitioned data serialize toJSON";

const ODD = [null, true, false, 0, -1, 1e300, "", "x", "soon", "lax", "/", LATER, [], {}, ["2999"]];

type Field = [name: string, json: string];

/** An object literal would take `__proto__` for its prototype, and JSON takes it for a field. */
const objectOf = (fields: readonly Field[]): string =>
  `{${fields.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(",")}}`;

const fieldsOf = (names: string): fc.Arbitrary<Field[]> => {
  const name = fc.oneof(fc.constantFrom(...names.split(" ")), fc.string({ maxLength: 5 }));
  const json = fc.oneof(
    fc.constantFrom<unknown>(...ODD).map((value) => JSON.stringify(value)),
    fc.json({ maxDepth: 2 }),
  );
  return fc.array(fc.tuple(name, json), { maxLength: 6 });
};

const session = fieldsOf(SESSION_NAMES);
const cookie = fieldsOf(COOKIE_NAMES).map(objectOf);

/** What a record may hold that anybody wrote: mostly what looks like a session, with names and values that nobody expects. */
export const anyRecord: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(session, cookie, session.map(objectOf))
      .map(([fields, set, own]) => objectOf([...fields, ["cookie", set], ["session", own]])),
  },
  { weight: 2, arbitrary: session.map(objectOf) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string() },
);
