export const dynamic = "force-static";

export const generateStaticParams = () => [];

/** Some 20 KB, made when it is asked for first. */
export default async function Page({ params }) {
  const { id } = await params;
  return (
    <main>
      <p>{`made ${crypto.randomUUID()} for ${id}`}</p>
      {Array.from({ length: 100 }, (_, i) => (
        <p key={i}>{`${i} ${"lorem ipsum dolor sit amet ".repeat(6)}`}</p>
      ))}
    </main>
  );
}
