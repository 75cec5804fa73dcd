/** Reasons of a finding about a picture that looks like another; the window translates each. */
export const NEAR_DUPLICATE_REASONS = {
  near_duplicate: 'It looks like another image.',
  near_duplicate_across: 'It looks like an image of another split.',
  near_duplicate_mirrored: 'It looks like another image, mirrored.',
  near_duplicate_mirrored_across: 'It looks like an image of another split, mirrored.',
} as const;
