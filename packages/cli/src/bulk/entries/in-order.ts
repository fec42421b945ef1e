/**
 * Runs something for each item, several at once, and yields the results in item order.
 *
 * @param most How many may run at once; called for each item.
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  most: () => number,
  run: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  for await (const item of items) {
    const result = run(item);
    // A failure is thrown at its turn, if that comes; until then it must not count as unhandled.
    result.catch(() => {});
    running.push(result);
    while (running.length >= most()) yield await running.shift()!;
  }
  for (const result of running) yield await result;
}
