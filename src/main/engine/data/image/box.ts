/** Width and height in pixels. */
export interface Size {
  width: number;
  height: number;
}

/** A part of an image, in pixels. */
export interface Box extends Size {
  left: number;
  top: number;
}
