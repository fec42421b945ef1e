import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";

/**
 * The most pixels that an element is given. Browsers stop at 17 to 33 million, which is why a list of a million rows
 * cannot simply be as high as its rows: beyond this, the scroll bar moves over several rows at a time.
 */
const MOST_PIXELS = 8_000_000;

/** More rows than any screen has. */
const MOST_DRAWN = 512;

/** Rows above and below what is seen. */
const SPARE_ROWS = 8;

/** The rows of a long list that are worth drawing. */
export interface RowWindow {
  readonly first: number;
  /** Behind the last one. */
  readonly end: number;
  /** Of all rows, in pixels. */
  readonly height: number;
  /** Where a row is, in pixels from the top. */
  readonly top: (row: number) => number;
  /** The key of a row's element, which is another row's once this one is out of sight: to move is cheaper than to make. */
  readonly slot: (row: number) => number;
  /** Scrolls until a row is seen. */
  readonly reveal: (row: number) => void;
}

/** Tells which rows of one height are seen in an element that scrolls. */
export function useWindow(scroller: RefObject<HTMLElement>, count: number, rowHeight: number): RowWindow {
  const [top, setTop] = useState(0);
  const [seen, setSeen] = useState(600);
  useLayoutEffect(() => {
    const element = scroller.current!;
    const observer = new ResizeObserver(() => setSeen(element.clientHeight));
    observer.observe(element);
    setSeen(element.clientHeight);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const element = scroller.current!;
    let frame = 0;
    const onScroll = (): void => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => setTop(element.scrollTop));
    };
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      element.removeEventListener("scroll", onScroll);
    };
  }, []);
  const all = count * rowHeight;
  const height = Math.min(all, MOST_PIXELS);
  // How many pixels of rows go by for each that is scrolled.
  const factor = height === all || height <= seen ? 1 : (all - seen) / (height - seen);
  const shownTop = Math.min(top, Math.max(0, height - seen));
  const rowsTop = shownTop * factor;
  const first = Math.max(0, Math.floor(rowsTop / rowHeight) - SPARE_ROWS);
  return {
    first,
    end: Math.min(count, Math.ceil((rowsTop + seen) / rowHeight) + SPARE_ROWS),
    height,
    slot: (row) => row % MOST_DRAWN,
    top: (row) => shownTop + row * rowHeight - rowsTop,
    reveal(row) {
      const element = scroller.current;
      if (element === null) return;
      const now = element.scrollTop * factor;
      const [from, to] = [row * rowHeight, (row + 1) * rowHeight];
      if (from < now) element.scrollTop = from / factor;
      else if (to > now + seen) element.scrollTop = (to - seen) / factor;
    },
  };
}
