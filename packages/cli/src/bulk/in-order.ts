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
    // It is told when its turn comes, if it comes.
    result.catch(() => {});
    running.push(result);
    while (running.length >= most()) yield await running.shift()!;
  }
  for (const result of running) yield await result;
}
