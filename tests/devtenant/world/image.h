/* SPDX-License-Identifier: Apache-2.0 */
/* Small pictures: the logos of a package and the icons of apps. */
#ifndef DT_WORLD_IMAGE_H
#define DT_WORLD_IMAGE_H

#include "der.h"

/* A square PNG: a rounded tile in color 0xRRGGBB with a lighter disc in the middle. In the arena.
 */
struct ad_bytes dt_image_png(struct ad_arena *arena, unsigned size, uint32_t color);

/* The same of 64 pixels inside an .ico file, as the CDN serves icons. */
struct ad_bytes dt_image_ico(struct ad_arena *arena, uint32_t color);

#endif
