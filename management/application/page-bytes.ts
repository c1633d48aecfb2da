/** The size of pages: lists of large items end before their number is reached. */
import { limits } from '../../limits.ts';

/** The first items whose texts together keep within `limits.pageBytes`; one in any case. */
export function withinBytes<Item>(items: readonly Item[], textOf: (item: Item) => string): readonly Item[] {
  let bytes = 0;
  const end = items.findIndex((item, at) => {
    bytes += Buffer.byteLength(textOf(item));
    return at > 0 && bytes > limits.pageBytes;
  });
  return end < 0 ? items : items.slice(0, end);
}
