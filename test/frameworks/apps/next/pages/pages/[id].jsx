const made = () => `made ${crypto.randomUUID()}`;

export default function Page({ id, data, stamp }) {
  return <p>{`${stamp} page ${id} data ${data}`}</p>;
}

export const getStaticPaths = () => ({ paths: [{ params: { id: "built" } }], fallback: "blocking" });

export async function getStaticProps({ params: { id } }) {
  if (id === "missing") return { notFound: true, revalidate: 3600 };
  if (id === "moved") return { redirect: { destination: "/pages/built", permanent: false }, revalidate: 3600 };
  const data = await fetch(`${process.env.ORIGIN}/pages`).then((response) => response.text());
  return { props: { id, data, stamp: made() }, revalidate: id === "brief" ? 2 : 3600 };
}
