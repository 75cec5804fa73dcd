/** A part of an image, in pixels. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}
