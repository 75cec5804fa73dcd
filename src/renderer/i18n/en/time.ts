export default {
  d: '{d} d',
  h: '{h} h',
  d_h: '{d} d {h} h',
  h_m: '{h} h {m} min',
  m: '{m} min',
  m_s: '{m} min {s} s',
  s: '{s} s',
  about: 'about {duration}',
  ago: '{duration} ago',
  just_now: 'just now',
};
