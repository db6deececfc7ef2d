// An explorer whose picture is a scene.

export default { render: (place) => drawFront(place, drawScene) };
