// What tests use of the elements of a page: a few types, and nothing that runs. The library of the compiler for browsers
// would make `document` and the like known in every source.

interface PageBox {
  readonly left: number;
  readonly right: number;
  readonly height: number;
}

interface PageDocument {
  readonly title: string;
  readonly defaultView: {
    getComputedStyle(element: PageElement): { readonly backgroundColor: string };
  } | null;
  createElement(name: string): PageElement & { src: string };
}

export interface PageElement {
  textContent: string | null;
  readonly outerHTML: string;
  readonly scrollWidth: number;
  readonly parentElement: PageElement | null;
  readonly ownerDocument: PageDocument;
  getBoundingClientRect(): PageBox;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
  closest(selector: string): PageElement | null;
  contains(other: PageElement | null): boolean;
  setAttribute(name: string, value: string): void;
  append(...elements: readonly PageElement[]): void;
  addEventListener(event: string, listener: (event: unknown) => void): void;
}

declare global {
  /** As playwright names what it passes to functions that run in the page. */
  interface HTMLElement extends PageElement {}
  interface SVGElement extends PageElement {}
}
